//! What a check has found, and how it is told.

use serde_json::{Value as Json, json};

use crate::cli::look::{Look, Tone};
use crate::domain::scrub::scrub;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Ok,
    /// It works, and somebody should look at it.
    Warn,
    Fail,
    /// It could not be looked at; the evidence says why.
    Skipped,
}

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// The check's name, which never changes.
    pub(super) check: &'static str,
    pub(super) verdict: Verdict,
    /// What was seen; never a secret.
    pub(super) evidence: String,
    /// What mends it.
    pub(super) cure: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, evidence: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, &evidence.into(), None)
    }

    pub(super) fn warn(
        check: &'static str,
        evidence: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self::new(check, Verdict::Warn, &evidence.into(), Some(cure.into()))
    }

    pub(super) fn fail(
        check: &'static str,
        evidence: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self::new(check, Verdict::Fail, &evidence.into(), Some(cure.into()))
    }

    pub(super) fn skipped(check: &'static str, why: impl Into<String>) -> Self {
        Self::new(check, Verdict::Skipped, &why.into(), None)
    }

    fn new(check: &'static str, verdict: Verdict, evidence: &str, cure: Option<String>) -> Self {
        Self { check, verdict, evidence: scrub(evidence).into_owned(), cure }
    }
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Ok => Tone::Good,
            Self::Warn => Tone::Warm,
            Self::Fail => Tone::Bad,
            Self::Skipped => Tone::Faint,
        }
    }
}

/// Returns the findings for programs.
pub(super) fn as_json(findings: &[Finding]) -> Json {
    let one = |it: &Finding| {
        json!({
            "check": it.check,
            "verdict": it.verdict.word(),
            "evidence": it.evidence,
            "cure": it.cure,
        })
    };
    let healthy = findings.iter().all(|it| it.verdict != Verdict::Fail);
    json!({ "healthy": healthy, "checks": findings.iter().map(one).collect::<Vec<_>>() })
}

/// Returns the findings for people, in the order in which they were made.
pub(super) fn as_text(look: &Look, findings: &[Finding]) -> String {
    let mut text = String::new();
    for it in findings {
        let word = look.paint(it.verdict.tone(), &format!("{:<8}", it.verdict.word()));
        let mut lines = it.evidence.lines();
        let first = lines.next().unwrap_or_default();
        text.push_str(&format!("{word} {:<12} {first}\n", it.check));
        for line in lines {
            text.push_str(&format!("{:22}{line}\n", ""));
        }
        if let Some(cure) = &it.cure {
            text.push_str(&format!("{:22}-> {cure}\n", ""));
        }
    }
    text
}
