// The theme's search dialog has no name of its own; screen readers need one.
document.querySelector("[data-md-component=search]")?.setAttribute("aria-label", "Search");
