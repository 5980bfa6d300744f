//! The seed that a client's bot is to begin with, and what becomes of it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures::stream;
use serde::Deserialize;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use super::rooms::Room;
use crate::actions::give_seed::{GiveSeedError, give, refused, taken};
use crate::domain::seed::SeedRefusal;

const CHUNK_BYTES: usize = 64 << 10;
/// How long a bot that has taken its seed waits for its profile to say so.
const SEEN_WITHIN: Duration = Duration::from_secs(2);

/// `/seed?number=<number>`.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    number: u64,
}

/// `POST /seed`.
#[derive(Debug, Deserialize)]
pub(super) struct Refused {
    refusal: String,
}

/// `GET /seed`: the whole of it; one download at a time.
pub(super) async fn download(
    State(room): State<Room>,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Response, StatusCode> {
    let Query(Which { number }) = which.map_err(|_| StatusCode::BAD_REQUEST)?;
    let tenant = &room.line.tenant;
    let place = Arc::clone(&tenant.seeds).try_acquire_owned();
    let place = place.map_err(|_| StatusCode::TOO_MANY_REQUESTS)?;
    let seed = give(&room.deps, tenant.client, number).await.map_err(|err| status(&room, &err))?;
    let file = File::from_std(seed.file).take(seed.bytes);
    let chunks = stream::try_unfold((file, place), async |(mut file, place)| {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        (&mut file).take(CHUNK_BYTES as u64).read_to_end(&mut chunk).await?;
        Ok::<_, io::Error>((!chunk.is_empty()).then_some((chunk, (file, place))))
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(seed.bytes));
    Ok(response)
}

/// `DELETE /seed`: the bot has it on its disk. The profile says so when this is answered.
pub(super) async fn acknowledge(
    State(room): State<Room>,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<StatusCode, StatusCode> {
    let Query(Which { number }) = which.map_err(|_| StatusCode::BAD_REQUEST)?;
    let client = room.line.tenant.client;
    taken(&room.deps, client, number).await.map_err(|err| status(&room, &err))?;
    let mut profile = room.profile.clone();
    timeout(SEEN_WITHIN, profile.wait_for(|profile| profile.seed() != Some(number))).await.ok();
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /seed`: the bot cannot take it.
pub(super) async fn refuse(
    State(room): State<Room>,
    which: Result<Query<Which>, QueryRejection>,
    why: Result<Json<Refused>, JsonRejection>,
) -> Result<StatusCode, StatusCode> {
    let (Ok(Query(Which { number })), Ok(Json(Refused { refusal }))) = (which, why) else {
        return Err(StatusCode::BAD_REQUEST);
    };
    let why = SeedRefusal::named(&refusal).ok_or(StatusCode::BAD_REQUEST)?;
    if room.profile.borrow().seed() != Some(number) {
        return Err(StatusCode::CONFLICT);
    }
    if room.line.tenant.refuses_seed(number, why) {
        let told = refused(&room.deps, room.line.tenant.client, why).await;
        told.map_err(|err| status(&room, &err))?;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn status(room: &Room, err: &GiveSeedError) -> StatusCode {
    let (client, error) = (room.line.tenant.client, err as &dyn std::error::Error);
    match err {
        GiveSeedError::NoSuchSeed => StatusCode::CONFLICT,
        GiveSeedError::Disk(_) | GiveSeedError::Store(_) => {
            tracing::error!(event = "seed.failed", %client, error, "a client's seed cannot be used");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
