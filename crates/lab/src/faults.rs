//! The answers that break the rules, each in one known way, for a client to name rightly.

use crate::answer::{Answer, End, Response};
use crate::body::Body;
use crate::honest::home;
use crate::query::{Refusal, number};
use crate::routes::Call;

/// `/short` promises so many bytes more than it sends.
const MISSING_BYTES: u64 = 1_000;

/// `/close`: reads the request and closes without an answer.
pub fn close(_: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::raw(&b""[..], End::Close))
}

/// `/reset`: reads the request and resets the connection (RST).
pub fn reset(_: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::raw(&b""[..], End::Reset))
}

/// `/garbage`: bytes that are not HTTP, then closes.
pub fn garbage(_: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::raw(&b"\x00\x01\x02 this is not HTTP \xff\xfe\r\n\r\n"[..], End::Close))
}

/// `/trailing-garbage`: a good answer with more bytes behind it than it said; stays open.
pub fn trailing_garbage(call: &Call<'_>) -> Result<Answer, Refusal> {
    let answer = home(call)?;
    let bytes = [&answer.bytes[..], b"and some bytes that nobody asked for"].concat();
    Ok(Answer { bytes: bytes.into(), ..answer })
}

/// `/half-head`: breaks off in the middle of the response's head.
pub fn half_head(_: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::raw(&b"HTTP/1.1 200 OK\r\nContent-Type: applic"[..], End::Close))
}

/// `/short/{n}`: sends n bytes of a body said to be 1,000 bytes longer, then closes.
pub fn short(call: &Call<'_>) -> Result<Answer, Refusal> {
    let sent_bytes = number("the number of bytes", call.argument, 0..=u64::MAX - MISSING_BYTES)?;
    let said_bytes = sent_bytes + MISSING_BYTES;
    let response = Response::new(200).header("Content-Length", &said_bytes.to_string());
    let body = Body::Plain { left_bytes: sent_bytes };
    Ok(response.streaming(call.request, body).ending(End::Close))
}

/// `/half-chunked`: breaks off in the middle of a chunk.
pub fn half_chunked(call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut bytes = Response::new(200).header("Transfer-Encoding", "chunked").head(call.request);
    bytes.extend_from_slice(b"5\r\nhello\r\n20\r\nhalf of ");
    Ok(Answer::raw(bytes, End::Close))
}

/// `/long-head/{bytes}`: a good answer whose head has that many bytes, most of them in one header.
pub fn long_head(call: &Call<'_>) -> Result<Answer, Refusal> {
    let head_bytes: usize = number("the head's bytes", call.argument, 0..=1 << 26)?;
    let head = |filler: &str| {
        let response = Response::new(200).header("Content-Length", "0").header("X-Filler", filler);
        response.head(call.request)
    };
    let filler = "x".repeat(head_bytes.saturating_sub(head("").len()));
    let end = home(call)?.end;
    Ok(Answer::raw(head(&filler), end))
}

/// `/endless`: a body without length that goes on until the client leaves.
pub fn endless(call: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Response::new(200).streaming(call.request, Body::endless()).ending(End::Close))
}

/// `/drop-keepalive/{n}`: closes the connection after its n-th answer, without announcing it.
pub fn drop_keepalive(call: &Call<'_>) -> Result<Answer, Refusal> {
    let answers: u64 = number("the number of answers", call.argument, 1..=u64::MAX)?;
    let answer = home(call)?;
    Ok(if call.nth_on_connection >= answers { answer.ending(End::Close) } else { answer })
}
