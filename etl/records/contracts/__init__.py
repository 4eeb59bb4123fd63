"""The layouts of the authority's own extracts, as text; `loader` checks them."""
