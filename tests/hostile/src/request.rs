//! Reaching for the network, in every way that `wasi:http` offers, and keeping what it lends.

use crate::{
    bindings::wasi::{
        http::{
            outgoing_handler::handle,
            types::{ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme},
        },
        io::streams::StreamError,
    },
    plan::Plan,
};

/// What came of a request, for the record of an event: `status 200, 12 bytes`.
pub(crate) type Came = Result<String, String>;

/// Makes the request of the plan, with this token, and reads the answer to its end.
pub(crate) fn send(plan: &Plan, token: &str) -> Came {
    let mut headers = plan.headers.clone();
    for (_, value) in &mut headers {
        *value = value.replace("TOKEN", token);
    }
    let outgoing = prepare(plan, &headers)?;
    let body = if plan.size > 0 { Some(outgoing.body().map_err(|()| "no body".to_owned())?) } else { None };
    let answer = handle(outgoing, None).map_err(|code| told(&code))?;
    if let Some(body) = body {
        post(body, plan.size)?;
    }
    read(&wait(&answer)?)
}

/// Makes the same request so many times, waiting for none.
pub(crate) fn send_many(plan: &Plan) -> Came {
    let mut open = Vec::new();
    let mut refused = None;
    for _ in 0..plan.count {
        match handle(prepare(plan, &plan.headers)?, None) {
            Ok(answer) if plan.text == "keep" => open.push(answer),
            Ok(answer) => drop(answer),
            Err(code) => refused = Some(told(&code)),
        }
    }
    refused.map_or(Ok(format!("{} open", open.len())), Err)
}

/// Opens so many requests and sends none, each with as much in it as it takes.
pub(crate) fn open_many(plan: &Plan) -> Came {
    let (mut requests, mut bodies, mut kept) = (Vec::new(), Vec::new(), 0);
    let filling = plan.long();
    for _ in 0..plan.count {
        let fields = Fields::new();
        if plan.text == "fields" {
            // Twenty of a few bytes, or more of a kilobyte than anybody takes.
            for at in 0..plan.size.max(20) {
                fields.append(&format!("x-{at}"), filling.as_bytes()).map_err(|why| format!("{why:?}"))?;
                kept += 1;
            }
        }
        let request = OutgoingRequest::new(fields);
        let taken = match plan.text.as_str() {
            "method" => request.set_method(&Method::Other(filling.clone())),
            "authority" => request.set_authority(Some(&filling)),
            "path" => request.set_path_with_query(Some(&format!("/{filling}"))),
            "body" => {
                let body = request.body().map_err(|()| "no body".to_owned())?;
                let stream = body.write().map_err(|()| "no stream".to_owned())?;
                while let Ok(most @ 1..) = stream.check_write() {
                    stream.write_zeroes(most).map_err(|why| format!("{why:?}"))?;
                    kept += 1;
                }
                bodies.push((stream, body));
                Ok(())
            }
            _ => Ok(()),
        };
        kept += usize::from(taken.is_ok());
        requests.push(request);
    }
    Ok(format!("{} open, {kept} filled", requests.len()))
}

fn prepare(plan: &Plan, headers: &[(String, String)]) -> Result<OutgoingRequest, String> {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
    let outgoing = OutgoingRequest::new(Fields::from_list(&headers).map_err(|why| format!("header refused: {why:?}"))?);
    let (scheme, rest) = plan.url.split_once("://").ok_or("no address")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let method = match plan.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "CONNECT" => Method::Connect,
        "TRACE" => Method::Trace,
        other => Method::Other(other.to_owned()),
    };
    outgoing.set_method(&method).map_err(|()| "method refused")?;
    outgoing.set_scheme(Some(&scheme)).map_err(|()| "scheme refused")?;
    outgoing.set_authority(Some(authority)).map_err(|()| "authority refused")?;
    outgoing.set_path_with_query(Some(path)).map_err(|()| "path refused")?;
    Ok(outgoing)
}

/// Posts so many bytes, as long as anybody takes them.
fn post(body: OutgoingBody, size: usize) -> Result<(), String> {
    let stream = body.write().map_err(|()| "no stream".to_owned())?;
    let mut left = size;
    while left > 0 {
        let piece = left.min(4096);
        if stream.blocking_write_zeroes_and_flush(piece as u64).is_err() {
            break;
        }
        left -= piece;
    }
    drop(stream);
    OutgoingBody::finish(body, None).map_err(|code| told(&code))
}

fn wait(answer: &FutureIncomingResponse) -> Result<IncomingResponse, String> {
    answer.subscribe().block();
    match answer.get() {
        Some(Ok(Ok(response))) => Ok(response),
        Some(Ok(Err(code))) => Err(told(&code)),
        Some(Err(())) | None => Err("the answer was taken away".to_owned()),
    }
}

fn read(response: &IncomingResponse) -> Came {
    let location: Vec<_> =
        response.headers().get("location").into_iter().map(|value| String::from_utf8_lossy(&value).into_owned()).collect();
    let body = response.consume().map_err(|()| "no body")?;
    let stream = body.stream().map_err(|()| "no stream")?;
    let mut length = 0_usize;
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(piece) => length += piece.len(),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(_)) => return Err(format!("the body broke off after {length} bytes")),
        }
    }
    let location = location.first().map(|to| format!(", to {to}")).unwrap_or_default();
    Ok(format!("status {}{location}, {length} bytes", response.status()))
}

fn told(code: &ErrorCode) -> String {
    format!("{code:?}")
}
