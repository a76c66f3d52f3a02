use l0_stage::template::Template;

/// What `l0-runtime init` writes for this stage.
pub(crate) const TEMPLATE: Template = Template {
    title: "POST /documents",
    about: "POST /documents",
    section: include_str!("../template.toml"),
    environment: include_str!("../template.env"),
    needs_service: false,
    tables: None,
};
