//! The kinds of problems: what each is called, how it is answered, and what it means.

use axum::http::StatusCode;

/// Declares the kinds: name in `type`, status, title, and what a caller should know of it.
macro_rules! kinds {
    ($($kind:ident: $name:literal, $status:ident, $title:literal, $meaning:literal;)*) => {
        /// A kind of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(in crate::http) enum Kind {
            $(#[doc = $meaning] $kind,)*
        }

        impl Kind {
            /// Returns the last part of `type`, which never changes.
            pub(in crate::http) const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// Returns the status that it is answered with.
            pub(in crate::http) const fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status,)* }
            }

            /// Returns what a caller should know of it.
            pub(in crate::http) const fn meaning(self) -> &'static str {
                match self { $(Self::$kind => $meaning,)* }
            }

            /// Returns its name for people.
            pub(in crate::http) const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }
        }
    };
}

kinds! {
    MalformedRequest: "malformed-request", BAD_REQUEST, "The request is malformed",
        "An id, the query, a header or the JSON itself cannot be read; `detail` says which.";
    Unauthorized: "unauthorized", UNAUTHORIZED, "The API token is wrong or missing",
        "Send `Authorization: Bearer` and the token that is set as `api.token`.";
    NotFound: "not-found", NOT_FOUND, "There is nothing here",
        "No such route, or nothing has this id.";
    MethodNotAllowed: "method-not-allowed", METHOD_NOT_ALLOWED, "The method is not allowed",
        "`Allow` names the methods of this route.";
    NotAcceptable: "not-acceptable", NOT_ACCEPTABLE, "Only JSON can be given",
        "`Accept` names no kind of JSON.";
    TooMany: "too-many-requests", TOO_MANY_REQUESTS, "Too many requests",
        "Slow down; `Retry-After` says when to go on.";
    BodyTooSlow: "body-too-slow", REQUEST_TIMEOUT, "The body came too slowly",
        "A body must arrive within 10 seconds.";
    BodyTooLarge: "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large",
        "A body has at most 64 KiB.";
    NotJson: "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body must be application/json",
        "`Content-Type` must say that the body is JSON.";
    InvalidBody: "invalid-body", UNPROCESSABLE_ENTITY, "The body has invalid fields",
        "`errors` names each field and what is wrong with it.";
    KeyReused: "idempotency-key-reused", UNPROCESSABLE_ENTITY,
        "The Idempotency-Key was used for another request",
        "The same key came with another path or body; take a new key for a new request.";
    BotTaken: "bot-taken", CONFLICT, "Another client has this bot",
        "A bot serves one client.";
    HostsOwn: "host-bot", CONFLICT, "This is a bot of the host itself",
        "The Master Bot and the Sales Bot serve no client.";
    AnotherBot: "another-bot", CONFLICT, "The token is of another bot",
        "Say `\"another_bot\": true` if the client is to have that bot from now on.";
    PaymentOfAnother: "payment-of-another-client", CONFLICT,
        "The payment was recorded for another client",
        "This `payment_id` has granted time to another client already.";
    NoShop: "no-shop", CONFLICT, "No shop is set up to take payments",
        "Set `yookassa.shop_id` and `yookassa.secret_key`.";
    StillServes: "client-still-serves", CONFLICT, "The client's bot still serves customers",
        "Suspend the client first, or delete it with `?force=true`.";
    NothingPaid: "nothing-paid", CONFLICT, "No paid time is left",
        "Extend the client instead: that brings its bot back.";
    NothingToRun: "nothing-to-run", CONFLICT, "The client has no bot that could run",
        "The client has given up; extend it first.";
    TakenByHand: "taken-by-hand", CONFLICT, "The payment was taken by hand",
        "The shop did not take this money, so it cannot give it back.";
    MoreThanLeft: "more-than-left", CONFLICT, "Less than that is left to give back",
        "`detail` says how much is left of the payment.";
    NothingLeft: "nothing-left", CONFLICT, "Nothing is left to give back",
        "The payment was given back already, or will be by refunds that are on their way.";
    NeedsReceipt: "receipt-needed", CONFLICT, "The refund needs a receipt",
        "The shop gives receipts: make the refund in the provider's cabinet; it is noticed here.";
    TaskNotDead: "task-not-dead", CONFLICT, "The task was not given up",
        "Only a task in state `dead` can be tried again.";
    TelegramUnavailable: "telegram-unavailable", SERVICE_UNAVAILABLE,
        "Telegram cannot be asked now",
        "The bot's token could not be checked; try again after `Retry-After` seconds.";
    Internal: "internal", INTERNAL_SERVER_ERROR, "Something went wrong here",
        "The log has the cause under the same `request_id`.";
}

impl Kind {
    /// Tells whether `Retry-After` says when to come back.
    pub(in crate::http) const fn comes_with_pause(self) -> bool {
        matches!(self, Self::TooMany | Self::TelegramUnavailable)
    }
}
