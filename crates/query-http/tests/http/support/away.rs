use l0_stage::anyhow::anyhow;
use l0_stage::letters::{BuriedLetter, DeadLetters, LetterFilter, LetterPage};
use l0_stage::{Error, Why, async_trait};

/// Dead letters that cannot be reached.
pub struct Away;

fn away<T>() -> Result<T, Error> {
    Err(Error::retryable(Why::Denied, anyhow!("password of driver-text refused")))
}

#[async_trait]
impl DeadLetters for Away {
    async fn list(&self, _: &LetterFilter, _: &LetterPage) -> Result<Vec<BuriedLetter>, Error> {
        away()
    }

    async fn get(&self, _: i64) -> Result<Option<BuriedLetter>, Error> {
        away()
    }

    async fn waiting(&self, _: usize) -> Result<usize, Error> {
        away()
    }

    async fn mark_replayed(&self, _: &[(i64, i64)]) -> Result<(), Error> {
        away()
    }

    async fn discard(&self, _: &[i64]) -> Result<u64, Error> {
        away()
    }

    async fn purge(&self, _: &[i64]) -> Result<u64, Error> {
        away()
    }
}
