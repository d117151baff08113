// What only the page over Bluetooth says, in the five languages: apart from lang/, which the
// board's page carries through a small flash.
import { tongue, type Tongue } from "../lang/choose.ts";

interface Words {
  title: string;
  hold: string;
  allow: string;
  choose: string;
  chooseNamed: (name: string) => string;
  every: string;
  without: string;
  labelRead: (name: string) => string;
  labelBad: string;
  underWay: string;
  choosing: string;
  noChoice: string;
  off: string;
  noLink: string;
  another: string;
  cannot: string;
  apple: string;
  browser: string;
  insecure: string;
  wifiOnly: string;
  instead: string;
  wifi: (name: string) => string;
  computer: string;
}

const en: Words = {
  title: "Set up a board over Bluetooth",
  hold: "Hold the board's button for five seconds, until its light blinks differently, and let go. Then you have ten minutes.",
  allow: "Bluetooth must be on, and the browser may ask for leave to use it. Choose the board in the list that it shows.",
  choose: "Choose the board",
  chooseNamed: (name) => `Choose ${name}`,
  every: "Show every board",
  without: "Go on without the label",
  labelRead: (name) => `Label read. It belongs to the board ${name}.`,
  labelBad: "The label in the address is cut short, or of another version. Scan it again, or go on without.",
  underWay: "An order is under way. Choose the same board again to see what becomes of it.",
  choosing: "The browser is looking for boards …",
  noChoice: "No board was chosen. If yours was not in the list: hold its button again, go nearer, and see that Bluetooth is on (and, on older Android phones, location).",
  off: "Bluetooth is off, or this browser may not use it. Switch it on, and try again.",
  noLink: "The browser could not open Bluetooth. Switch it off and on, and try again.",
  another: "Another board",
  cannot: "Not with this browser",
  apple: "iPhone and iPad give no browser Bluetooth, so this page cannot reach the board there.",
  browser: "This browser cannot speak Bluetooth. Chrome and Edge can: on Android, Windows, macOS and ChromeOS.",
  insecure: "This page did not come over HTTPS. Browsers lend Bluetooth to no other.",
  wifiOnly: "This board does not use Bluetooth: its label says so.",
  instead: "What works instead",
  wifi: (name) => `Hold the board's button for five seconds, join its Wi-Fi ${name}, and open http://192.168.4.1 in the browser.`,
  computer: "The program latchkey does it from a computer with Python.",
};

const de: Words = {
  title: "Ein Board über Bluetooth einrichten",
  hold: "Halten Sie die Taste des Boards fünf Sekunden lang, bis das Licht anders blinkt, und lassen Sie los. Dann haben Sie zehn Minuten.",
  allow: "Bluetooth muss eingeschaltet sein, und der Browser fragt vielleicht um Erlaubnis. Wählen Sie das Board in der Liste, die er zeigt.",
  choose: "Board wählen",
  chooseNamed: (name) => `${name} wählen`,
  every: "Alle Boards zeigen",
  without: "Ohne das Etikett weiter",
  labelRead: (name) => `Etikett gelesen. Es gehört zum Board ${name}.`,
  labelBad: "Das Etikett in der Adresse ist unvollständig oder von einer anderen Version. Scannen Sie es noch einmal, oder machen Sie ohne weiter.",
  underWay: "Ein Auftrag ist unterwegs. Wählen Sie dasselbe Board noch einmal, um zu sehen, was daraus wird.",
  choosing: "Der Browser sucht nach Boards …",
  noChoice: "Es wurde kein Board gewählt. Falls Ihres nicht in der Liste war: Halten Sie seine Taste noch einmal, gehen Sie näher heran, und sehen Sie nach, ob Bluetooth eingeschaltet ist (auf älteren Android-Telefonen auch der Standort).",
  off: "Bluetooth ist aus, oder dieser Browser darf es nicht verwenden. Schalten Sie es ein, und versuchen Sie es noch einmal.",
  noLink: "Der Browser konnte Bluetooth nicht öffnen. Schalten Sie es aus und wieder ein, und versuchen Sie es noch einmal.",
  another: "Anderes Board",
  cannot: "Nicht mit diesem Browser",
  apple: "iPhone und iPad geben keinem Browser Bluetooth; dort erreicht diese Seite das Board nicht.",
  browser: "Dieser Browser kann kein Bluetooth. Chrome und Edge können es: unter Android, Windows, macOS und ChromeOS.",
  insecure: "Diese Seite kam nicht über HTTPS. Keiner anderen leihen Browser Bluetooth.",
  wifiOnly: "Dieses Board verwendet kein Bluetooth: So steht es auf seinem Etikett.",
  instead: "Was stattdessen geht",
  wifi: (name) => `Halten Sie die Taste des Boards fünf Sekunden lang, verbinden Sie sich mit seinem WLAN ${name}, und öffnen Sie http://192.168.4.1 im Browser.`,
  computer: "Das Programm latchkey erledigt es von einem Computer mit Python aus.",
};

const es: Words = {
  title: "Configurar una placa por Bluetooth",
  hold: "Mantenga pulsado el botón de la placa cinco segundos, hasta que la luz parpadee de otra forma, y suéltelo. Entonces tiene diez minutos.",
  allow: "El Bluetooth debe estar activado, y el navegador quizá pida permiso para usarlo. Elija la placa en la lista que muestra.",
  choose: "Elegir la placa",
  chooseNamed: (name) => `Elegir ${name}`,
  every: "Mostrar todas las placas",
  without: "Seguir sin la etiqueta",
  labelRead: (name) => `Etiqueta leída. Es de la placa ${name}.`,
  labelBad: "La etiqueta de la dirección está incompleta o es de otra versión. Escanéela de nuevo, o siga sin ella.",
  underWay: "Hay una orden en curso. Elija otra vez la misma placa para ver cómo termina.",
  choosing: "El navegador está buscando placas …",
  noChoice: "No se eligió ninguna placa. Si la suya no estaba en la lista: mantenga pulsado su botón otra vez, acérquese y compruebe que el Bluetooth está activado (y, en teléfonos Android antiguos, la ubicación).",
  off: "El Bluetooth está desactivado, o este navegador no puede usarlo. Actívelo e inténtelo de nuevo.",
  noLink: "El navegador no pudo abrir el Bluetooth. Desactívelo, actívelo e inténtelo de nuevo.",
  another: "Otra placa",
  cannot: "No con este navegador",
  apple: "El iPhone y el iPad no dan Bluetooth a ningún navegador; allí esta página no alcanza la placa.",
  browser: "Este navegador no sabe usar Bluetooth. Chrome y Edge sí: en Android, Windows, macOS y ChromeOS.",
  insecure: "Esta página no llegó por HTTPS. Los navegadores no prestan Bluetooth a ninguna otra.",
  wifiOnly: "Esta placa no usa Bluetooth: lo dice su etiqueta.",
  instead: "Lo que sí funciona",
  wifi: (name) => `Mantenga pulsado el botón de la placa cinco segundos, conéctese a su wifi ${name} y abra http://192.168.4.1 en el navegador.`,
  computer: "El programa latchkey lo hace desde un ordenador con Python.",
};

const fr: Words = {
  title: "Configurer une carte par Bluetooth",
  hold: "Maintenez le bouton de la carte pendant cinq secondes, jusqu'à ce que la lumière clignote autrement, puis relâchez. Vous avez alors dix minutes.",
  allow: "Le Bluetooth doit être activé, et le navigateur demandera peut-être l'autorisation de s'en servir. Choisissez la carte dans la liste qu'il affiche.",
  choose: "Choisir la carte",
  chooseNamed: (name) => `Choisir ${name}`,
  every: "Afficher toutes les cartes",
  without: "Continuer sans l'étiquette",
  labelRead: (name) => `Étiquette lue. Elle appartient à la carte ${name}.`,
  labelBad: "L'étiquette dans l'adresse est incomplète ou d'une autre version. Scannez-la de nouveau, ou continuez sans elle.",
  underWay: "Un ordre est en cours. Choisissez de nouveau la même carte pour voir ce qu'il devient.",
  choosing: "Le navigateur cherche des cartes …",
  noChoice: "Aucune carte n'a été choisie. Si la vôtre n'était pas dans la liste : maintenez de nouveau son bouton, approchez-vous et vérifiez que le Bluetooth est activé (et la localisation, sur d'anciens téléphones Android).",
  off: "Le Bluetooth est désactivé, ou ce navigateur ne peut pas s'en servir. Activez-le et réessayez.",
  noLink: "Le navigateur n'a pas pu ouvrir le Bluetooth. Désactivez-le, réactivez-le et réessayez.",
  another: "Une autre carte",
  cannot: "Pas avec ce navigateur",
  apple: "L'iPhone et l'iPad ne donnent le Bluetooth à aucun navigateur ; cette page ne peut pas y atteindre la carte.",
  browser: "Ce navigateur ne sait pas utiliser le Bluetooth. Chrome et Edge le savent : sous Android, Windows, macOS et ChromeOS.",
  insecure: "Cette page n'est pas venue par HTTPS. Les navigateurs ne prêtent le Bluetooth à aucune autre.",
  wifiOnly: "Cette carte n'utilise pas le Bluetooth : son étiquette le dit.",
  instead: "Ce qui marche à la place",
  wifi: (name) => `Maintenez le bouton de la carte pendant cinq secondes, rejoignez son Wi-Fi ${name} et ouvrez http://192.168.4.1 dans le navigateur.`,
  computer: "Le programme latchkey le fait depuis un ordinateur avec Python.",
};

const zh: Words = {
  title: "通过蓝牙设置开发板",
  hold: "按住开发板的按钮五秒，直到指示灯的闪烁方式改变，然后松开。之后您有十分钟时间。",
  allow: "必须打开蓝牙，浏览器可能会请求使用权限。请在浏览器显示的列表中选择开发板。",
  choose: "选择开发板",
  chooseNamed: (name) => `选择 ${name}`,
  every: "显示所有开发板",
  without: "不使用标签继续",
  labelRead: (name) => `标签已读取，属于开发板 ${name}。`,
  labelBad: "地址中的标签不完整，或属于其他版本。请重新扫描，或不带标签继续。",
  underWay: "有一条指令正在执行。请再次选择同一块开发板，查看结果。",
  choosing: "浏览器正在查找开发板…",
  noChoice: "没有选择开发板。如果列表中没有您的开发板：请再次按住它的按钮，靠近一些，并确认蓝牙已打开（较旧的安卓手机还需打开位置信息）。",
  off: "蓝牙已关闭，或此浏览器无权使用。请打开蓝牙后重试。",
  noLink: "浏览器无法打开蓝牙。请关闭后重新打开蓝牙，然后重试。",
  another: "另一块开发板",
  cannot: "此浏览器不行",
  apple: "iPhone 和 iPad 不向任何浏览器提供蓝牙，因此本页面在那里无法连接开发板。",
  browser: "此浏览器不支持蓝牙。Chrome 和 Edge 支持：安卓、Windows、macOS 和 ChromeOS。",
  insecure: "本页面不是通过 HTTPS 加载的。浏览器不会把蓝牙提供给这样的页面。",
  wifiOnly: "这块开发板不使用蓝牙：它的标签上是这样写的。",
  instead: "可行的办法",
  wifi: (name) => `按住开发板的按钮五秒，连接它的 Wi-Fi ${name}，然后在浏览器中打开 http://192.168.4.1。`,
  computer: "在装有 Python 的电脑上可以用 latchkey 程序设置。",
};

const ALL: Record<Tongue, Words> = { en, de, es, fr, zh };

// In the language that is spoken now.
export function words(): Words {
  return ALL[tongue];
}
