use l0_stage::template::Template;

/// What `l0-runtime init` writes for this stage.
pub(crate) const TEMPLATE: Template = Template {
    title: "NATS JetStream",
    about: "A stream of NATS JetStream",
    section: include_str!("../template.toml"),
    environment: include_str!("../template.env"),
    needs_service: true,
    tables: None,
};
