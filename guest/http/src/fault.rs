//! What an error of `wasi:http` says about the request: surely not sent, or nobody knows.

use crate::{bindings::wasi::http::types::ErrorCode, exchange::TransportError};

/// Only what surely happened before the request went out is unsent.
pub(crate) fn failed(code: ErrorCode) -> TransportError {
    let why = match &code {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => "its name could not be resolved".to_owned(),
        ErrorCode::ConnectionRefused => "the connection was refused".to_owned(),
        ErrorCode::DestinationUnavailable | ErrorCode::DestinationIpUnroutable => "no connection came up".to_owned(),
        ErrorCode::DestinationIpProhibited => "its address is not allowed; see `allow` of the source".to_owned(),
        ErrorCode::HttpRequestDenied => "the host denied the request; see `allow` of the source".to_owned(),
        ErrorCode::TlsCertificateError => "its TLS certificate is not trusted".to_owned(),
        ErrorCode::ConnectionReadTimeout | ErrorCode::HttpResponseTimeout => "no answer in time".to_owned(),
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => "the connection ended early".to_owned(),
        ErrorCode::InternalError(Some(text)) => text.chars().take(200).collect(),
        other => format!("{other:?}"),
    };
    match code {
        ErrorCode::DnsTimeout
        | ErrorCode::DnsError(_)
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpProhibited
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionLimitReached
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_)
        | ErrorCode::HttpRequestDenied
        | ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::HttpRequestUriInvalid
        | ErrorCode::HttpRequestUriTooLong
        | ErrorCode::ConfigurationError => TransportError::Unsent(why),
        _ => TransportError::Unknown(why),
    }
}

#[cfg(test)]
mod tests {
    use super::failed;
    use crate::{
        bindings::wasi::http::types::{DnsErrorPayload, ErrorCode},
        exchange::TransportError::{self, Unknown, Unsent},
    };

    fn text(error: TransportError) -> String {
        let (Unsent(text) | Unknown(text)) = error;
        text
    }

    #[test]
    fn what_may_have_reached_the_vendor_is_never_called_unsent() {
        let may = [
            ErrorCode::ConnectionTerminated,
            ErrorCode::ConnectionTimeout,
            ErrorCode::ConnectionReadTimeout,
            ErrorCode::ConnectionWriteTimeout,
            ErrorCode::HttpResponseIncomplete,
            ErrorCode::HttpResponseTimeout,
            ErrorCode::HttpProtocolError,
            ErrorCode::LoopDetected,
            ErrorCode::InternalError(None),
        ];
        for code in may {
            assert!(matches!(failed(code.clone()), Unknown(_)), "{code:?}");
        }
    }

    #[test]
    fn what_surely_did_not_is() {
        let never = [
            ErrorCode::DnsTimeout,
            ErrorCode::DnsError(DnsErrorPayload { rcode: None, info_code: None }),
            ErrorCode::ConnectionRefused,
            ErrorCode::DestinationIpProhibited,
            ErrorCode::TlsCertificateError,
            ErrorCode::HttpRequestDenied,
        ];
        for code in never {
            assert!(matches!(failed(code.clone()), Unsent(_)), "{code:?}");
        }
    }

    #[test]
    fn a_person_reads_what_happened_and_no_more_than_200_characters_of_it() {
        assert_eq!(text(failed(ErrorCode::ConnectionRefused)), "the connection was refused");
        assert!(text(failed(ErrorCode::HttpRequestDenied)).contains("`allow`"));
        assert_eq!(text(failed(ErrorCode::InternalError(Some("ü".repeat(500))))).chars().count(), 200);
    }
}
