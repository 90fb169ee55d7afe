//! Structure analyzer: how the options of each decision spread over a search
