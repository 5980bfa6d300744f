//! Files, through teloxide's own upload and download.

use serde_json::json;
use slotbox::sandbox::telegram::AttachmentKind;
use teloxide::net::Download;
use teloxide::prelude::*;
use teloxide::types::{ChatId, InputFile};

use crate::Stage;

/// The head of a picture of 2 by 3 pixels.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0";

#[tokio::test]
async fn a_document_goes_there_and_back() {
    let stage = Stage::begun().await;
    let bot = stage.bot();
    let file = InputFile::memory(&b"a;b\n1;2\n"[..]).file_name("book.csv");
    let sent = bot.send_document(ChatId(stage.chat.id()), file).caption("Your book").await.unwrap();
    let document = sent.document().unwrap();
    assert_eq!(document.file_name.as_deref(), Some("book.csv"));
    let seen = stage.chat.wait_for("Your book", crate::SOON).await.unwrap();
    let attachment = seen.attachment.unwrap();
    assert_eq!(
        (attachment.kind, attachment.bytes.as_ref()),
        (AttachmentKind::Document, &b"a;b\n1;2\n"[..])
    );
    let file = bot.get_file(document.file.id.clone()).await.unwrap();
    let mut bytes = Vec::new();
    bot.download_file(&file.path, &mut bytes).await.unwrap();
    assert_eq!(bytes, b"a;b\n1;2\n");
}

#[tokio::test]
async fn a_person_sends_files_and_contacts() {
    let stage = Stage::new().await;
    stage.chat.send_photo(PNG);
    stage.chat.send_document("list.txt", "x");
    stage.chat.send_contact("+79990000000");
    let updates = stage.bot().get_updates().await.unwrap();
    let messages: Vec<_> = updates
        .into_iter()
        .map(|update| match update.kind {
            teloxide::types::UpdateKind::Message(message) => message,
            other => panic!("{other:?}"),
        })
        .collect();
    let photo = &messages[0].photo().unwrap()[0];
    assert_eq!((photo.width, photo.height), (2, 3));
    assert_eq!(messages[1].document().unwrap().file_name.as_deref(), Some("list.txt"));
    let contact = messages[2].contact().unwrap();
    assert_eq!(contact.phone_number, "+79990000000");
    assert_eq!(contact.user_id.map(|id| id.0.cast_signed()), Some(stage.chat.id()));
}

#[tokio::test]
async fn a_file_belongs_to_one_bot() {
    let mut stage = Stage::begun().await;
    let file = InputFile::memory(PNG).file_name("a.png");
    let sent = stage.bot().send_photo(ChatId(stage.chat.id()), file).await.unwrap();
    let id = sent.photo().unwrap()[0].file.id.0.clone();
    stage.ok("sendPhoto", &json!({"chat_id": stage.chat.id(), "photo": id})).await;
    let stranger = stage.sim.add_bot("Other", "other_bot");
    stage.sim.chat("other_bot", stage.chat.person()).send("/start");
    stage.token = stranger;
    let (status, answer) =
        stage.call("sendPhoto", &json!({"chat_id": stage.chat.id(), "photo": id})).await;
    assert_eq!(status, 400, "{answer}");
    assert_eq!(stage.call("getFile", &json!({"file_id": id})).await.0, 400);
}

#[tokio::test]
async fn a_photo_must_be_a_picture() {
    let stage = Stage::begun().await;
    let file = InputFile::memory(&b"text"[..]).file_name("a.png");
    let refused = stage.bot().send_photo(ChatId(stage.chat.id()), file).await.unwrap_err();
    assert!(refused.to_string().contains("IMAGE_PROCESS_FAILED"), "{refused}");
}
