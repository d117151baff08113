// QR codes in pictures. The board's page is no secure context, so there is no camera in it and no
// BarcodeDetector: somebody takes a picture, and it is searched here.
import decodeQr from "qr/decode.js";

// Widths to try, in pixels: a code close by is found in a small picture, one far off in a large
// one. A telephone's own size would take long, and is noise.
const WIDTHS = [800, 1400, 480, 2000];
const TURNS = [0, 45]; // degrees: a code is found in any of four, and badly between them
const TIME_MS = 400; // for one try

// The text of the first QR code found, or null. Rejects for a file that is no picture.
export async function readQr(file: Blob): Promise<string | null> {
  const picture = await loaded(file);
  for (const turn of TURNS) {
    for (const width of WIDTHS) {
      const text = searched(drawn(picture, width, turn));
      if (text !== null) return text;
      await new Promise((resolve) => setTimeout(resolve, 0)); // the page stays alive
    }
  }
  return null;
}

function searched(image: ImageData): string | null {
  try {
    return decodeQr(image, { effort: 8, timeLimit: TIME_MS });
  } catch {
    return null; // nothing in it, at this size
  }
}

async function loaded(file: Blob): Promise<HTMLImageElement> {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await image.decode(); // turned as its camera was
    return image;
  } finally {
    URL.revokeObjectURL(address);
  }
}

// The picture, its longer side so many pixels, on white.
function drawn(picture: HTMLImageElement, longer: number, turn: number): ImageData {
  const { naturalWidth, naturalHeight } = picture;
  const scale = Math.min(1, longer / Math.max(naturalWidth, naturalHeight));
  const width = Math.max(1, Math.round(naturalWidth * scale));
  const height = Math.max(1, Math.round(naturalHeight * scale));
  const side = turn === 0 ? 0 : Math.ceil(Math.hypot(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = side || width;
  canvas.height = side || height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((turn * Math.PI) / 180);
  context.drawImage(picture, -width / 2, -height / 2, width, height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
