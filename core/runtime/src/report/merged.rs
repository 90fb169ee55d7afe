//! What a study's report consists of, once the runs are merged. The types are the model's, so that the page, which
//! draws them, need not know the runtime.

pub use lamarck_model::report::{
    Difference, MergedBody, MergedChart, MergedFinding, MergedLine, MergedTable, Panel, PointReport,
    PointValue, REPORT_SCHEMA, Section, StudyReport, TablePanel,
};
