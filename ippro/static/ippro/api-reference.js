// Shows the description of the API as a book. The library writes style elements of its own: they get the nonce of this
// page, so that the content security policy can stay without `unsafe-inline`. Its maker's logo would come from elsewhere,
// and is left out.
"use strict";
(() => {
  const here = document.currentScript;
  const nonce = here.nonce;
  const make = Document.prototype.createElement;
  Document.prototype.createElement = function (name, ...rest) {
    const element = make.call(this, name, ...rest);
    const kind = String(name).toLowerCase();
    if (kind === "style") element.nonce = nonce;
    if (kind === "img") {
      const set = element.setAttribute;
      element.setAttribute = function (attribute, value) {
        const isElsewhere = attribute === "src" && /^https?:/.test(value) && !value.startsWith(location.origin);
        if (!isElsewhere) set.call(this, attribute, value);
      };
    }
    return element;
  };
  const bundle = document.createElement("script");
  bundle.src = here.dataset.bundle;
  bundle.addEventListener("load", () => {
    const place = document.getElementById("api");
    // Its search runs in a worker made of text, which the policy refuses.
    window.Redoc.init(place.dataset.schema, { disableSearch: true, nativeScrollbars: true, hideFab: true }, place);
  });
  document.body.append(bundle);
})();
