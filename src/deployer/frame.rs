//! Frames: four bytes of length, the most significant first, and so many bytes of postcard.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// No frame is longer.
pub const LARGEST_BYTES: usize = 64 * 1024;

/// Why a frame was not taken or not sent.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The connection failed, or ended in the middle of a frame.
    #[error("the connection broke off")]
    Io(#[from] io::Error),
    /// It is empty or too long.
    #[error("a frame of {0} bytes")]
    Size(usize),
    /// It is not what is expected, to the last bit.
    #[error("a frame that cannot be read")]
    Malformed,
}

/// Reads one frame; `None` if the connection has ended before it.
///
/// # Errors
///
/// Returns [`FrameError`]; the connection is of no use any more.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Vec<u8>>, FrameError> {
    let mut length = [0; 4];
    match stream.read(&mut length).await? {
        0 => return Ok(None),
        begun => stream.read_exact(length.get_mut(begun..).unwrap_or_default()).await?,
    };
    let length = u32::from_be_bytes(length) as usize;
    if length == 0 || length > LARGEST_BYTES {
        return Err(FrameError::Size(length));
    }
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame).await?;
    Ok(Some(frame))
}

/// Sends one frame.
///
/// # Errors
///
/// Returns [`FrameError`]; the connection is of no use any more.
pub async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    value: &(impl Serialize + Sync),
) -> Result<(), FrameError> {
    let bytes = encoded(value)?;
    stream.write_all(&bytes).await?;
    stream.flush().await?;
    Ok(())
}

/// Returns the value as a frame, its length before it.
///
/// # Errors
///
/// Returns [`FrameError`] if it is too long.
pub fn encoded(value: &impl Serialize) -> Result<Vec<u8>, FrameError> {
    let body = postcard::to_stdvec(value).map_err(|_| FrameError::Malformed)?;
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= LARGEST_BYTES);
    let length = length.ok_or(FrameError::Size(body.len()))?;
    Ok([&length.to_be_bytes()[..], &body].concat())
}

/// Reads a frame's body. Each value has one form: bytes that mean the same and differ are refused,
/// and so are bytes that are left over.
///
/// # Errors
///
/// Returns [`FrameError::Malformed`].
pub fn decoded<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<T, FrameError> {
    let value: T = postcard::from_bytes(body).map_err(|_| FrameError::Malformed)?;
    let canonical = postcard::to_stdvec(&value).map_err(|_| FrameError::Malformed)?;
    if canonical == body { Ok(value) } else { Err(FrameError::Malformed) }
}
