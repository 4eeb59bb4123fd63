/* The map by keyboard: MapLibre moves it with the arrows; Enter opens the area at its centre, which
 * a cross marks and a sentence names while the keyboard is on the map. */
(function () {
    "use strict";

    class AreaKeys {
        constructor(view, told) {
            Object.assign(this, {view, told});
            const canvas = view.map.getCanvas();
            canvas.addEventListener("keydown", (event) => this.press(event));
            canvas.addEventListener("focus", () => this.follow());
            canvas.addEventListener("blur", () => {
                this.told.textContent = "";
            });
            view.map.on("moveend", () => this.follow());
            view.map.on("idle", () => this.follow());
        }

        /** The area at the centre, while the keyboard is on the map. */
        centre() {
            const {map} = this.view;
            const canvas = map.getCanvas();
            const isHere = document.activeElement === canvas && canvas.matches(":focus-visible");
            return isHere ? this.view.areaAt(map.project(map.getCenter())) : null;
        }

        /** Say which area is at the centre, and its value once that is known. */
        follow() {
            const area = this.centre();
            if (!area) {
                return;
            }
            const pattern = (this.view.latest().labels || {}).centre || "{area}";
            const value = this.view.paint.words(area.id).filter(Boolean).join(", ");
            const said = value ? `${area.properties.name}, ${value}` : area.properties.name;
            const text = pattern.replace("{area}", said);
            if (this.told.textContent !== text) {
                this.told.textContent = text;
            }
        }

        press(event) {
            const area = event.key === "Enter" ? this.centre() : null;
            if (area) {
                event.preventDefault();
                this.view.click(area);
            }
        }
    }

    window.vigie = Object.assign(window.vigie, {AreaKeys});
})();
