use l0_stage::template::Template;

/// What `l0-runtime init` writes for this stage.
pub(crate) const TEMPLATE: Template = Template {
    title: "HTTP",
    about: "Documents and the page over HTTP",
    section: include_str!("../template.toml"),
    environment: include_str!("../template.env"),
    needs_service: false,
    tables: None,
};
