use l0_stage::template::Template;

/// What `l0-runtime init` writes for this stage.
pub(crate) const TEMPLATE: Template = Template {
    title: "JSON Schema",
    about: "A JSON Schema",
    section: include_str!("../template.toml"),
    environment: "",
    needs_service: false,
    tables: None,
};
