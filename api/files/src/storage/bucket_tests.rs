//! A bucket, on a server of our own that knows as much of S3 as the storage asks for.

use std::{collections::BTreeMap, sync::Mutex};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::*;
use crate::samples;

/// What lies in the bucket, by its path.
type Objects = Arc<Mutex<BTreeMap<String, Bytes>>>;

async fn serve(State(objects): State<Objects>, request: Request) -> Response {
    let signed = request.headers().get(header::AUTHORIZATION);
    let signed = signed
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !signed.starts_with("AWS4-HMAC-SHA256 Credential=the-key/") || !signed.contains("/here/s3/")
    {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(path) = request
        .uri()
        .path()
        .strip_prefix("/luoshi")
        .map(str::to_owned)
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let path = path.trim_start_matches('/').to_owned();
    let method = request.method().clone();
    let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
    let mut objects = objects.lock().unwrap();
    match method {
        Method::PUT => {
            objects.insert(path, body);
            StatusCode::OK.into_response()
        }
        Method::DELETE => {
            objects.remove(&path);
            StatusCode::NO_CONTENT.into_response()
        }
        _ if path.is_empty() => {
            let found: String = objects
                .iter()
                .map(|(path, content)| format!("<Contents><Key>{path}</Key><LastModified>2022-03-01T08:00:00.000Z</LastModified><ETag>\"x\"</ETag><Size>{}</Size></Contents>", content.len()))
                .collect();
            format!("<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>")
                .into_response()
        }
        _ => match objects.get(&path) {
            Some(content) => content.clone().into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

#[tokio::test]
async fn a_bucket_does_what_a_folder_does() {
    let objects = Objects::default();
    let router = Router::new()
        .fallback(serve)
        .with_state(Arc::clone(&objects));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let bucket = |access_key: &str| Bucket {
        endpoint: format!("http://{address}"),
        bucket: "luoshi".to_owned(),
        region: "here".to_owned(),
        access_key: access_key.to_owned(),
        secret_key: "the-secret".to_owned(),
    };
    let open = async |access_key: &str| {
        let entropy = Arc::new(super::tests::Numbers::default());
        Files::open(&Storage::S3(bucket(access_key)), entropy).await
    };
    let fault = open("another-key").await.unwrap_err();
    assert!(!fault.inside().contains("the-secret"), "{fault:?}");
    let files = open("the-key").await.unwrap();
    assert!(
        objects.lock().unwrap().is_empty(),
        "the trial leaves nothing"
    );

    let evidence = Evidence::check("a.pdf", samples::pdf().into())
        .await
        .unwrap();
    let stored = files.put(&evidence).await.unwrap();
    let other = files.put(&evidence).await.unwrap();
    objects
        .lock()
        .unwrap()
        .insert("note.txt".to_owned(), Bytes::new());
    let reading = files.get(&stored.key).await.unwrap().unwrap();
    assert_eq!(reading.byte_size, stored.byte_size);
    let pieces: Vec<Bytes> = reading.content.try_collect().await.unwrap();
    assert_eq!(pieces.concat(), samples::pdf());
    let listed: Vec<Listed> = files.list().await.unwrap().try_collect().await.unwrap();
    let of = |key: &Key| Listed {
        key: key.clone(),
        byte_size: stored.byte_size,
        stored_at: "2022-03-01T08:00:00Z".parse().ok(),
    };
    assert_eq!(listed, [of(&stored.key), of(&other.key)]);
    files.delete(&stored.key).await.unwrap();
    files.delete(&stored.key).await.unwrap();
    assert!(!files.exists(&stored.key).await.unwrap());
    assert!(files.get(&stored.key).await.unwrap().is_none());
    assert!(files.exists(&other.key).await.unwrap());
    server.abort();
    let _ = server.await;
    assert!(
        files.exists(&other.key).await.is_err(),
        "a server that is away is no empty one"
    );
}
