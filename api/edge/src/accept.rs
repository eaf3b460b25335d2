//! The media type of the answer: the best that the caller accepts.

/// A media type of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status says whether the request was understood.
    GraphqlResponse,
    /// `application/json`: 200 for every well-formed request.
    Json,
}

impl Media {
    /// The Content-Type of an answer.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// Reads Accept (RFC 9110 §12.5.1); none when nothing that we have is acceptable. A more specific range decides
    /// over a less specific one; of what is equally welcome, `application/graphql-response+json` is taken if it was
    /// named, and `application/json` otherwise.
    pub(crate) fn accepted(header: Option<&str>) -> Option<Self> {
        let Some(header) = header.filter(|header| !header.trim().is_empty()) else {
            return Some(Self::Json);
        };
        let mut graphql = (0u8, 0.0);
        let mut json = (0u8, 0.0);
        for range in header.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let mut weight = 1.0;
            let mut utf8 = true;
            for parameter in parts {
                match parameter.split_once('=') {
                    Some((name, value)) if name.trim().eq_ignore_ascii_case("q") => {
                        weight = value.trim().parse().unwrap_or(0.0);
                    }
                    Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                        utf8 = value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8");
                    }
                    _ => {}
                }
            }
            if !utf8 {
                continue;
            }
            let offer = |offered: &mut (u8, f32), specific: u8| {
                if specific >= offered.0 {
                    *offered = (specific, weight);
                }
            };
            match name.as_str() {
                "application/graphql-response+json" => offer(&mut graphql, 3),
                "application/json" => offer(&mut json, 3),
                "application/*" => {
                    offer(&mut graphql, 2);
                    offer(&mut json, 2);
                }
                "*/*" => {
                    offer(&mut graphql, 1);
                    offer(&mut json, 1);
                }
                _ => {}
            }
        }
        if graphql.1 > json.1 || (graphql.0 == 3 && graphql.1 > 0.0 && graphql.1 >= json.1) {
            Some(Self::GraphqlResponse)
        } else if json.1 > 0.0 {
            Some(Self::Json)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_what_is_accepted() {
        use Media::{GraphqlResponse, Json};
        for (header, expected) in [
            (None, Some(Json)),
            (Some("*/*"), Some(Json)),
            (Some("application/json"), Some(Json)),
            (Some("application/*"), Some(Json)),
            (
                Some("application/graphql-response+json"),
                Some(GraphqlResponse),
            ),
            (
                Some("application/graphql-response+json, application/json;q=0.9"),
                Some(GraphqlResponse),
            ),
            (
                Some("application/json, application/graphql-response+json"),
                Some(GraphqlResponse),
            ),
            (
                Some("application/graphql-response+json;q=0.5, application/json"),
                Some(Json),
            ),
            (
                Some(
                    "application/graphql-response+json;charset=utf-8, application/json;charset=utf-8",
                ),
                Some(GraphqlResponse),
            ),
            (Some("application/json;q=0, */*"), Some(GraphqlResponse)),
            (Some("text/html, */*;q=0.1"), Some(Json)),
            (Some("text/html"), None),
            (Some("application/json;charset=gbk"), None),
            (Some("application/json;q=0"), None),
        ] {
            assert_eq!(Media::accepted(header), expected, "{header:?}");
        }
    }
}
