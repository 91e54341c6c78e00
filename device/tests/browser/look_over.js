// What is wrong with a page for somebody who sees little, uses no mouse, or has a small screen.
const wrong = [];
const show = element => element.outerHTML.slice(0, 120);

function numbers(color) {
  const found = color.match(/[\d.]+/g).map(Number);
  return { rgb: found.slice(0, 3), alpha: found.length > 3 ? found[3] : 1 };
}

function luminance(rgb) {
  const [r, g, b] = rgb.map(part => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function behind(element) {
  for (let at = element; at; at = at.parentElement) {
    const { rgb, alpha } = numbers(getComputedStyle(at).backgroundColor);
    if (alpha === 1) return rgb;
    if (alpha !== 0) wrong.push(`half a colour behind ${show(at)}`);
  }
  return [255, 255, 255];
}

const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || !element.getClientRects().length) continue;
  const [a, b] = [luminance(numbers(getComputedStyle(element).color).rgb), luminance(behind(element))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < 4.5) wrong.push(`contrast ${contrast.toFixed(2)} in ${show(element)}`);
}

for (const image of document.images) {
  if (!image.alt) wrong.push(`no text for ${show(image)}`);
}
for (const input of document.querySelectorAll("input:not([type=hidden], [hidden])")) {
  if (!input.labels.length) wrong.push(`no label for ${show(input)}`);
}
for (const button of document.querySelectorAll("button")) {
  const { width, height } = button.getBoundingClientRect();
  if (!(button.textContent.trim() || button.ariaLabel)) wrong.push(`no name for ${show(button)}`);
  if (Math.min(width, height) < 40) wrong.push(`too small for a finger: ${show(button)}`);
}
let level = 0;
for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
  const next = Number(heading.tagName[1]);
  if (next > level + 1) wrong.push(`a level is left out before ${show(heading)}`);
  level = next;
}
for (const landmark of ["main", "footer"]) {
  if (document.querySelectorAll(landmark).length !== 1) wrong.push(`not one ${landmark}`);
}
if (document.documentElement.scrollWidth > innerWidth) wrong.push("it is wider than the screen");
return wrong;
