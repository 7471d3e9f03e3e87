// Comfort only: every page works without this file.
"use strict";
(() => {
	const typing = (el) => el && (el.matches("input, select, textarea") || el.isContentEditable);

	// Parts marked data-live="SECONDS" are read again while somebody looks, unless
	// something in them is being used.
	for (const part of document.querySelectorAll("[data-live][id]")) {
		const every = Math.max(2, Number(part.dataset.live) || 5) * 1000;
		const again = async () => {
			try {
				const now = document.getElementById(part.id);
				if (!document.hidden && now && !now.contains(document.activeElement)) {
					const answer = await fetch(location.href, { headers: { "X-Live": part.id } });
					if (answer.ok && !answer.redirected) {
						const page = new DOMParser().parseFromString(await answer.text(), "text/html");
						const fresh = page.getElementById(part.id);
						if (fresh && fresh.innerHTML !== now.innerHTML) now.replaceChildren(...fresh.childNodes);
					}
				}
			} catch { /* the next time may be better */ }
			setTimeout(again, every);
		};
		setTimeout(again, every);
	}

	// Filters take effect when they are chosen.
	document.addEventListener("change", (e) => {
		const form = e.target.closest("form.filters");
		if (form && e.target.matches("select, input[type=date]")) form.requestSubmit();
	});
	// What is empty does not stand in the address.
	document.addEventListener("submit", (e) => {
		if (!e.target.matches("form.filters")) return;
		for (const f of e.target.elements) if (f.name && f.value === "") f.disabled = true;
	});
	addEventListener("pageshow", () => {
		for (const f of document.querySelectorAll("form.filters :disabled")) f.disabled = false;
	});

	// A wide window shows the menu open, a narrow one closed.
	const menu = document.querySelector("details[data-menu]");
	if (menu) {
		const wide = matchMedia("(min-width: 60rem)");
		const fit = () => { menu.open = wide.matches; };
		wide.addEventListener("change", fit);
		fit();
	}
	// A click elsewhere, or Escape, closes what has dropped down.
	const close = (keep) => {
		for (const d of document.querySelectorAll("details.who[open], details.drops[open]")) if (!d.contains(keep)) d.open = false;
	};
	document.addEventListener("click", (e) => close(e.target));

	// Copy what stands in a data-copy.
	document.addEventListener("click", async (e) => {
		const b = e.target.closest("button[data-copy]");
		if (!b) return;
		const from = document.getElementById(b.dataset.copy);
		await navigator.clipboard.writeText(from ? from.textContent : b.dataset.copy);
		const said = b.textContent;
		b.textContent = "Copied";
		setTimeout(() => { b.textContent = said; }, 1500);
	});

	// Keys: / finds, g and a letter goes, j and k walk rows, Enter opens one.
	let g = 0;
	document.addEventListener("keydown", (e) => {
		if (e.key === "Escape") { close(null); if (typing(document.activeElement)) document.activeElement.blur(); return; }
		if (e.ctrlKey || e.metaKey || e.altKey || typing(document.activeElement)) return;
		if (e.key === "/") { e.preventDefault(); document.getElementById("find")?.focus(); return; }
		if (e.key === "g") { g = e.timeStamp; return; }
		if (g && e.timeStamp - g < 1200) {
			const to = document.querySelector(`nav a[data-key="${CSS.escape(e.key)}"]`);
			g = 0;
			if (to) { location.href = to.href; return; }
		}
		if (e.key === "j" || e.key === "k") {
			const links = [...document.querySelectorAll("table.rows tbody tr")].map((tr) => tr.querySelector("a[href]")).filter(Boolean);
			const at = links.indexOf(document.activeElement);
			const next = links[e.key === "j" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0)];
			if (next) { e.preventDefault(); next.focus(); next.scrollIntoView({ block: "nearest" }); }
		}
	});
})();
