//! Lists at the root: what each of them is asked for a page is written once.

/// Declares an object whose fields are lists, each with the arguments of a page (Relay's), and others of its own. The first name is
/// the context of the field, the second one the page that is asked for ([`store::PageArgs`]).
macro_rules! lists {
    ($object:ident { $(
        $(#[$doc:meta])*
        $list:ident($ctx:ident, $args:ident $(, $(#[$about:meta])* $argument:ident: Option<$kind:ident>)* $(,)?)
            -> $connection:ident $body:block
    )+ }) => {
        #[derive(Default)]
        pub(crate) struct $object;

        #[async_graphql::Object]
        impl $object { $(
            $(#[$doc])*
            async fn $list(
                &self,
                $ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "Items from the start, or after `after`. At most 100; 20 when neither `first` nor `last` is given.")]
                first: Option<i32>,
                #[graphql(desc = "The cursor after which the page begins.")]
                after: Option<String>,
                #[graphql(desc = "Items from the end, or before `before`. At most 100.")]
                last: Option<i32>,
                #[graphql(desc = "The cursor before which the page ends.")]
                before: Option<String>,
                $($(#[$about])* $argument: Option<$kind>,)*
            ) -> Result<$connection, $crate::error::ApiError> {
                let $args = store::PageArgs { first, after, last, before };
                $body
            }
        )+ }
    };
}

pub(super) use lists;
