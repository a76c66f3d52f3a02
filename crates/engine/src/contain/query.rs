use l0_stage::{Error, Query, Stop, View, async_trait};

use super::{Contain, Guard};

struct Contained {
    stage: Box<dyn Query>,
    guard: Guard,
}

impl Contain for dyn Query {
    fn contained(self: Box<Self>, guard: Guard) -> Box<Self> {
        Box::new(Contained { stage: self, guard })
    }
}

#[async_trait]
impl Query for Contained {
    async fn serve(self: Box<Self>, view: View, stop: Stop) -> Result<(), Error> {
        let Self { stage, guard } = *self;
        guard.attempt(stage.serve(view, stop)).await
    }
}
