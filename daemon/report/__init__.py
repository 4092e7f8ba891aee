"""``paceline report``: what was kept and measured, as one HTML page with plots, or as JSON."""
