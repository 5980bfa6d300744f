//! The Telegram methods that a client's bot may call.

/// How a call counts against Telegram's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Waits for updates; counts against nothing.
    Poll,
    /// Puts a message into a chat; counts against the chat and the bot.
    Message,
    /// Counts against the bot.
    Call,
}

/// A method that is allowed; there is no other way to name one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Method {
    name: &'static str,
    pace: Pace,
}

/// What a booking bot needs. Left out on purpose: whatever moves the bot's updates elsewhere
/// (`setWebhook`, `deleteWebhook`, `logOut`, `close`), takes money, or governs chats and bots.
const ALLOWED: &[Method] = &[
    poll("getUpdates"),
    call("getMe"),
    message("sendMessage"),
    message("sendPhoto"),
    message("sendDocument"),
    message("sendMediaGroup"),
    message("sendLocation"),
    message("sendVenue"),
    message("sendContact"),
    message("forwardMessage"),
    message("forwardMessages"),
    message("copyMessage"),
    message("copyMessages"),
    call("sendChatAction"),
    call("setMessageReaction"),
    call("editMessageText"),
    call("editMessageCaption"),
    call("editMessageMedia"),
    call("editMessageReplyMarkup"),
    call("deleteMessage"),
    call("deleteMessages"),
    call("pinChatMessage"),
    call("unpinChatMessage"),
    call("answerCallbackQuery"),
    call("getFile"),
    call("getChat"),
    call("getMyCommands"),
    call("setMyCommands"),
    call("deleteMyCommands"),
    call("getMyName"),
    call("setMyName"),
    call("getMyDescription"),
    call("setMyDescription"),
    call("getMyShortDescription"),
    call("setMyShortDescription"),
    call("getChatMenuButton"),
    call("setChatMenuButton"),
];

const fn poll(name: &'static str) -> Method {
    Method { name, pace: Pace::Poll }
}

const fn message(name: &'static str) -> Method {
    Method { name, pace: Pace::Message }
}

const fn call(name: &'static str) -> Method {
    Method { name, pace: Pace::Call }
}

impl Method {
    /// Returns the allowed method of this name; as at Telegram, case does not matter.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        ALLOWED.iter().find(|method| method.name.eq_ignore_ascii_case(name))
    }

    /// Returns the name as Telegram writes it.
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    pub(super) const fn pace(&self) -> Pace {
        self.pace
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_bot_needs_is_allowed_and_what_moves_it_is_not() {
        assert_eq!(Method::find("SendMessage").map(Method::name), Some("sendMessage"));
        assert_eq!(Method::find("getupdates").map(Method::pace), Some(Pace::Poll));
        for name in ["setWebhook", "deleteWebhook", "logOut", "close", "getWebhookInfo", ""] {
            assert_eq!(Method::find(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_plain_and_given_once() {
        for (place, method) in ALLOWED.iter().enumerate() {
            assert!(method.name.bytes().all(|byte| byte.is_ascii_alphabetic()));
            assert_eq!(ALLOWED.iter().position(|other| other == method), Some(place));
        }
    }

    proptest! {
        #[test]
        fn nonsense_is_no_method(name in ".{0,40}") {
            if let Some(method) = Method::find(&name) {
                prop_assert!(method.name.eq_ignore_ascii_case(&name));
            }
        }
    }
}
