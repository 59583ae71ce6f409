import type { Sheet } from "./sheet.ts";

const FONT = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif";

/** How many pixels of the PNG one of the sheet's is, so that its words are sharp when it is printed or enlarged. */
const DENSITY = 2;

/** The sheet as a PNG, drawn off screen. Pictures are enlarged by whole numbers without smoothing. Rejects with the
 *  browser's own error where it has no canvas off screen, or no room for one so large. */
export async function drawSheet(sheet: Sheet): Promise<Blob> {
  const canvas = new OffscreenCanvas(sheet.width * DENSITY, sheet.height * DENSITY);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws no picture of this size.");
  context.scale(DENSITY, DENSITY);
  context.imageSmoothingEnabled = false;
  context.fillStyle = sheet.background;
  context.fillRect(0, 0, sheet.width, sheet.height);
  for (const { x, y, scale, pixels } of sheet.pictures) {
    const { width, height, rgba } = pixels;
    const bitmap = await createImageBitmap(new ImageData(rgba, width, height));
    context.drawImage(bitmap, x, y, width * scale, height * scale);
    bitmap.close();
  }
  for (const { x, y, width, height, fill, stroke, lineWidth } of sheet.frames) {
    if (fill !== null) {
      context.fillStyle = fill;
      context.fillRect(x, y, width, height);
    }
    if (stroke === null) continue;
    context.strokeStyle = stroke;
    context.lineWidth = lineWidth;
    context.strokeRect(x, y, width, height);
  }
  for (const { text, x, y, size, bold, colour, align, maxWidth } of sheet.texts) {
    context.font = `${bold ? "600 " : ""}${size}px ${FONT}`;
    context.fillStyle = colour;
    context.textAlign = align;
    context.fillText(text, x, y, maxWidth);
  }
  return canvas.convertToBlob({ type: "image/png" });
}
