//! What holds for every document. Asked by the fuzz targets.

use async_graphql::Request;

use super::{Limits, Size, check};

/// A document is refused, or is as small as the limits say.
pub fn document(text: &str) {
    let limits = Limits::default();
    let mut request = Request::new(text);
    if check(&mut request, &limits).is_err() {
        return;
    }
    let document = request.parsed_query().expect("it was read before");
    let size = Size::of(document);
    assert!(size.selections <= limits.selections && size.depth <= limits.depth);
    assert!(size.root_fields <= limits.root_fields && size.aliases <= limits.aliases);
}
