//! Compares what each place says.

use std::time::{Duration, Instant};

use l0_testkit::eventually;
use serde_json::Value;

use super::scene::Scene;
use crate::lab::SOON;

/// Within this time all places must agree.
const AGREED: Duration = Duration::from_secs(30);

/// A code of `/readyz`.
#[derive(Debug, Clone, Copy)]
pub enum Code {
    /// A stage that cannot work, with its code.
    Unready(&'static str, &'static str),
    /// The same, if the words depend on what was tried last.
    Away(&'static str, &'static str),
    /// A symptom while the pipeline works.
    Degraded(&'static str),
    /// The pipeline works: only `doctor` reports something.
    Fine,
}

impl Code {
    /// The message or cause in this answer, if the code is there.
    fn said(self, status: &Value) -> Option<String> {
        let (list, stage, code, text) = match self {
            Self::Unready(stage, code) | Self::Away(stage, code) => {
                ("reasons", Some(stage), code, "message")
            }
            Self::Degraded(code) => ("degraded", None, code, "cause"),
            Self::Fine => return None,
        };
        let of_it = |entry: &&Value| {
            entry["code"] == code && stage.is_none_or(|stage| entry["stage"] == stage)
        };
        let found = status[list].as_array()?.iter().find(of_it)?;
        Some(found[text].as_str()?.to_owned())
    }

    fn series(self) -> String {
        match self {
            Self::Unready(stage, code) | Self::Away(stage, code) => {
                format!("l0_unready{{pipeline=\"orders\",stage=\"{stage}\",code=\"{code}\"}} 1")
            }
            Self::Degraded(code) => format!("l0_degraded{{pipeline=\"orders\",code=\"{code}\"}} 1"),
            Self::Fine => "l0_ready{pipeline=\"orders\"} 1".to_owned(),
        }
    }
}

/// What a fault looks like to an operator.
pub struct Told {
    pub said: String,
    pub exit: i32,
    /// The complaints of `doctor`, with their help.
    pub doctor: Vec<(String, String)>,
}

impl Scene {
    /// Waits until the code is in `/readyz` and the other places say the same. The words change
    /// while a service goes away, so each round compares them with those at its begin and its end.
    pub async fn told(&self, code: Code) -> Result<Told, String> {
        let began = Instant::now();
        loop {
            let told = self.told_now(code).await;
            if told.is_ok() || began.elapsed() > AGREED {
                return told;
            }
        }
    }

    async fn told_now(&self, code: Code) -> Result<Told, String> {
        let said = self.ready_says(code).await;
        let found = self.lab.doctor().await;
        let mut doctor: Vec<_> = found.complaints_with_help().collect();
        let all: String = doctor.iter().map(|(told, _)| format!("{told}\n")).collect();
        let status = code.said(&self.get("/api/status").await).unwrap_or_default();
        let places = [
            ("/api/status", status),
            ("top", self.top().await),
            ("the log", self.log()),
            ("doctor", all),
        ];
        let either = [said.clone(), self.ready_says(code).await];
        let lacking = places.iter().filter_map(|(place, text)| self.lacks(place, &either, text));
        let metrics = self.text("/metrics").await;
        let lacking = lacking.chain(self.lacks("/metrics", &[code.series()], &metrics));
        let problems: Vec<_> = lacking.collect();
        if !problems.is_empty() {
            return Err(problems.join("\n"));
        }
        if let Code::Away(..) = code {
            doctor.retain(|(told, _)| !told.starts_with("instance: "));
        }
        let settled = |(told, help): &(String, String)| (self.settled(told), self.settled(help));
        let doctor = doctor.iter().map(settled).collect();
        Ok(Told { said: self.settled(&said), exit: found.code, doctor })
    }

    /// What `/readyz` says. Empty if the pipeline works.
    async fn ready_says(&self, code: Code) -> String {
        eventually(SOON, &format!("{code:?}"), async || {
            let ready = self.get("/readyz").await;
            match code {
                Code::Fine => (ready["ready"] == true).then(String::new),
                _ => code.said(&ready),
            }
        })
        .await
    }

    fn lacks(&self, place: &str, either: &[String], text: &str) -> Option<String> {
        let text = self.settled(text);
        let is_there = either.iter().any(|said| text.contains(&self.settled(said)));
        (!is_there).then(|| format!("{place} does not say `{}`:\n{text}", either.join("` or `")))
    }
}
