//! One connection: greets, takes requests in their order, answers each, and ends at the first that
//! does not fit.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::frame::{self, FrameError};
use super::protocol::{Answer, Greeting, MOST_LINES, Request, VERSION, Verb};

/// How long a connection may be silent, and how long a frame may take to come or to go.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Why a connection ended before the asker closed it.
#[derive(Debug, thiserror::Error)]
pub enum End {
    /// A frame could not be taken or sent.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame took too long.
    #[error("no whole frame within {} s", PATIENCE.as_secs())]
    Slow,
    /// The request is of another version.
    #[error("a request of version {0}; this is version {VERSION}")]
    Version(u16),
    /// The request was made for another connection or another place in this one.
    #[error("a request that is not the next one of this session")]
    Replayed,
    /// The request asks for more than there ever is.
    #[error("a request beyond its limits")]
    Excessive,
}

/// Serves one connection until the asker closes it: `perform` is called for each request that is
/// well formed and next in turn, and for nothing else.
///
/// # Errors
///
/// Returns [`End`]: what came last had no effect.
pub async fn converse<S, F>(
    mut stream: S,
    session: [u8; 16],
    mut perform: impl FnMut(Verb) -> F,
) -> Result<(), End>
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Future<Output = Answer>,
{
    timely(frame::write(&mut stream, &Greeting { version: VERSION, session })).await?;
    let mut next = 0;
    while let Some(body) = timely(frame::read(&mut stream)).await? {
        let verb = admitted(&body, session, next)?;
        next += 1;
        let answer = perform(verb).await;
        timely(frame::write(&mut stream, &fitting(answer))).await?;
    }
    Ok(())
}

/// Returns what the request asks for, if it is the `next` one of this `session`.
fn admitted(body: &[u8], session: [u8; 16], next: u32) -> Result<Verb, End> {
    let request: Request = frame::decoded(body)?;
    if request.version != VERSION {
        return Err(End::Version(request.version));
    }
    if request.session != session || request.number != next {
        return Err(End::Replayed);
    }
    match request.verb {
        Verb::Log(_, lines) if lines > MOST_LINES => Err(End::Excessive),
        verb => Ok(verb),
    }
}

/// Takes the oldest lines out of a log that is longer than a frame; any other answer fits.
fn fitting(answer: Answer) -> Answer {
    /// What is around the lines in a frame, and before each of them.
    const AROUND_BYTES: usize = 8;
    let Answer::Log(mut lines) = answer else { return answer };
    let mut room = frame::LARGEST_BYTES - AROUND_BYTES;
    let kept = lines.iter().rev().take_while(|line| {
        let fits = line.len() + AROUND_BYTES <= room;
        room = room.saturating_sub(line.len() + AROUND_BYTES);
        fits
    });
    let left_out = lines.len() - kept.count();
    Answer::Log(lines.split_off(left_out))
}

async fn timely<T>(work: impl Future<Output = Result<T, FrameError>>) -> Result<T, End> {
    Ok(timeout(PATIENCE, work).await.map_err(|_| End::Slow)??)
}

#[cfg(test)]
mod tests;
