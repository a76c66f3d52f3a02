mod demo;
mod dlq;
mod health;
mod migrate;
mod produce;
mod run;
mod validate;

pub use demo::demo;
pub use dlq::dlq;
pub use health::health;
pub use migrate::migrate;
pub use produce::produce;
pub use run::run;
pub use validate::validate;
