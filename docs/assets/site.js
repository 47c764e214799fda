// The theme's search dialog has no name of its own; screen readers need one.
document.querySelector("[data-md-component=search]")?.setAttribute("aria-label", "Search");

// The theme wraps wide tables in boxes that scroll; the keyboard must be able to reach them.
const reachable = () => {
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) {
    box.setAttribute("tabindex", "0");
  }
};
reachable();
new MutationObserver(reachable).observe(document.body, { childList: true, subtree: true });
