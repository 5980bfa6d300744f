//! The page: the document told in HTML, readable without a script.

use std::fmt::Write;

use serde_json::Value;

const NOTHING: &Value = &Value::Null;

/// Makes the page of the document.
pub(super) fn render(document: &Value) -> String {
    let (mut index, mut routes) = (String::new(), String::new());
    for tag in list(&document["tags"]) {
        let tag = text(&tag["name"]);
        write!(index, "<h2>{0}</h2><ul>", escaped(tag)).ok();
        write!(routes, "<section><h2>{}</h2>", escaped(tag)).ok();
        for (path, method, operation) in operations(document) {
            if list(&operation["tags"]).first() == Some(&Value::from(tag)) {
                let id = escaped(text(&operation["operationId"]));
                let summary = escaped(text(&operation["summary"]));
                write!(index, "<li><a href=\"#{id}\">{summary}</a></li>").ok();
                route(&mut routes, document, path, method, operation);
            }
        }
        index.push_str("</ul>");
        routes.push_str("</section>");
    }
    let version = escaped(text(&document["info"]["version"]));
    let about = marked(text(&document["info"]["description"]));
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Slotbox API</title><link rel=\"icon\" href=\"data:,\">\
         <link rel=\"stylesheet\" href=\"/docs/page.css\">\
         <script src=\"/docs/page.js\" defer></script>\
         <header><h1>Slotbox API <small>{version}</small></h1>\
         <form id=\"key\" autocomplete=\"off\"><label>API token \
         <input id=\"token\" type=\"password\" autocomplete=\"off\" spellcheck=\"false\" \
         placeholder=\"kept in this page only\"></label></form></header>\
         <div id=\"frame\"><nav aria-label=\"Routes\">{index}<h2>More</h2><ul>\
         <li><a href=\"#schemas\">Schemas</a></li><li><a href=\"/openapi.json\">openapi.json</a></li>\
         </ul></nav><main><p class=\"about\">{about}</p>{routes}{}</main></div></html>",
        schemas(document)
    )
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn route(html: &mut String, document: &Value, path: &str, method: &str, operation: &Value) {
    let id = escaped(text(&operation["operationId"]));
    write!(
        html,
        "<article id=\"{id}\" data-method=\"{method}\" data-path=\"{0}\">\
         <h3><span class=\"method {method}\">{method}</span> <code>{0}</code></h3>\
         <p><strong>{1}.</strong> {2}</p>",
        escaped(path),
        escaped(text(&operation["summary"])),
        marked(text(&operation["description"])),
    )
    .ok();
    parameters(html, operation);
    let body = &operation["requestBody"]["content"]["application/json"];
    if body.is_object() {
        let need =
            if operation["requestBody"]["required"] == true { "" } else { " (may be absent)" };
        write!(html, "<h4>Body{need}</h4>").ok();
        properties(html, resolved(document, &body["schema"]));
        write!(html, "<pre class=\"example\">{:#}</pre>", Escaped(&body["example"])).ok();
    }
    answers(html, operation);
    html.push_str("</article>");
}

fn parameters(html: &mut String, operation: &Value) {
    let parameters = list(&operation["parameters"]);
    if parameters.is_empty() {
        return;
    }
    html.push_str("<h4>Parameters</h4><table>");
    for it in parameters {
        let need = if it["required"] == true { " required" } else { "" };
        write!(
            html,
            "<tr data-name=\"{0}\" data-in=\"{1}\"><th scope=\"row\"><code>{0}</code> \
             <small>{1}{need}</small></th><td>{2}</td><td>{3}</td></tr>",
            escaped(text(&it["name"])),
            escaped(text(&it["in"])),
            kind(&it["schema"]),
            marked(text(&it["description"])),
        )
        .ok();
    }
    html.push_str("</table>");
}

fn answers(html: &mut String, operation: &Value) {
    html.push_str("<h4>Answers</h4>");
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let fine = if status.starts_with('2') { "fine" } else { "refused" };
        let about: Vec<_> = text(&answer["description"]).split("\n\n").map(marked).collect();
        write!(
            html,
            "<details><summary><span class=\"status {fine}\">{status}</span> {}</summary>",
            about.join("<br>")
        )
        .ok();
        for (media, content) in answer["content"].as_object().into_iter().flatten() {
            write!(html, "<p><small>{} {}</small></p>", escaped(media), kind(&content["schema"]))
                .ok();
            if content["example"].is_object() {
                write!(html, "<pre>{:#}</pre>", Escaped(&content["example"])).ok();
            }
        }
        html.push_str("</details>");
    }
}

fn schemas(document: &Value) -> String {
    let mut html = "<section id=\"schemas\"><h2>Schemas</h2>".to_owned();
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let about = marked(text(&schema["description"]));
        let name = escaped(name);
        write!(html, "<article id=\"schema-{name}\"><h3>{name}</h3><p>{about}</p>").ok();
        if schema["properties"].is_object() {
            properties(&mut html, schema);
        } else {
            write!(html, "<p>{}</p>", kind(schema)).ok();
        }
        html.push_str("</article>");
    }
    html + "</section>"
}

fn properties(html: &mut String, schema: &Value) {
    let required = list(&schema["required"]);
    html.push_str("<table>");
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let need = if required.contains(&Value::from(name.as_str())) { "" } else { "optional" };
        write!(
            html,
            "<tr><th scope=\"row\"><code>{}</code> <small>{need}</small></th><td>{}</td>\
             <td>{}</td></tr>",
            escaped(name),
            kind(property),
            marked(text(&property["description"])),
        )
        .ok();
    }
    html.push_str("</table>");
}

/// Tells in a few words what a schema takes.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()) {
        return format!("<a href=\"#schema-{0}\">{0}</a>", escaped(name));
    }
    for (key, glue) in [("anyOf", " or "), ("allOf", ", ")] {
        if let Some(parts) = schema[key].as_array() {
            let told: Vec<_> = parts.iter().map(kind).filter(|it| !it.is_empty()).collect();
            return told.join(glue);
        }
    }
    if schema["type"] == "array" {
        return format!("list of {}", kind(&schema["items"]));
    }
    let mut told = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        other => text(other).to_owned(),
    };
    for key in
        ["format", "const", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum"]
    {
        match &schema[key] {
            Value::Null => {}
            Value::Array(words) => {
                let words: Vec<_> = words.iter().map(text).collect();
                write!(told, " <code>{}</code>", escaped(&words.join(" "))).ok();
            }
            value => {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let value = escaped(&value);
                write!(told, " <small>{key}</small> <code>{value}</code>").ok();
            }
        }
    }
    told
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    pointer.map_or(schema, |pointer| document.pointer(pointer).unwrap_or(NOTHING))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// JSON that stands in HTML.
struct Escaped<'a>(&'a Value);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&escaped(&format!("{:#}", self.0)))
    }
}

/// Text with `code` in it.
fn marked(text: &str) -> String {
    let mut html = String::new();
    for (number, part) in text.split('`').enumerate() {
        let part = escaped(part);
        match number % 2 {
            0 => html.push_str(&part),
            _ => html.push_str(&format!("<code>{part}</code>")),
        }
    }
    html
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_in_the_document_is_markup() {
        let hostile = "<script>alert('x')</script>\"&";
        let document = json!({
            "info": {"version": hostile, "description": hostile},
            "tags": [{"name": hostile}],
            "paths": {hostile: {"get": {
                "operationId": hostile, "summary": hostile, "description": hostile,
                "tags": [hostile],
                "parameters": [{"name": hostile, "in": "query", "schema": {"enum": [hostile]}}],
                "responses": {"200": {"description": hostile, "content": {hostile: {
                    "schema": {"type": "string", "pattern": hostile}, "example": {hostile: hostile},
                }}}},
            }}},
            "components": {"schemas": {hostile: {"type": "string", "const": hostile}}},
        });
        let page = render(&document);
        assert_eq!(page.matches("<script").count(), 1);
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"));
    }
}
