/** The icons that are always there, by their Bootstrap Icons name. The rest comes when a group asks for one. */
const bundled = import.meta.glob<string>(
  '/node_modules/bootstrap-icons/icons/{activity,arrow-clockwise,arrow-left,arrow-repeat,bar-chart,bar-chart-line,bell,bookmark,bookmark-fill,box-arrow-right,box-arrow-up-right,box,boxes,calculator,check-circle-fill,check-circle,check-lg,chevron-down,chevron-left,chevron-right,chevron-up,circle-half,clipboard,clock-history,code-slash,collection,cpu,dash-circle,download,exclamation-circle,exclamation-triangle,file-earmark,file-earmark-text,folder,folder2,folder2-open,folder-plus,funnel,gear,graph-up,hdd,hdd-stack,hourglass-split,house,info-circle,journal-text,keyboard,layout-sidebar,link-45deg,list-check,list,moon-stars,pc-display,pencil,people,person,person-circle,play-fill,plus-lg,question-circle,search,shield-check,shield-lock,shield-slash,skip-end-fill,slash-circle,sliders,speedometer2,sticky,stop-fill,sun,tag,terminal,text-wrap,thermometer-half,tools,translate,trash,trash3,upload,wifi-off,window,window-stack,x-circle-fill,x-circle,key,x-lg,x-octagon}.svg',
  { query: '?raw', import: 'default', eager: true },
);

const inner = new Map<string, string>();
// Kept apart: whoever finds an icon not bundled waits for it, even if another has fetched it meanwhile.
const fetched = new Map<string, string>();
for (const [path, svg] of Object.entries(bundled)) {
  const name = path.slice(path.lastIndexOf('/') + 1, -'.svg'.length);
  inner.set(name, svg.slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>')));
}

/** The inside of an icon's 16×16 SVG, if it is bundled. */
export function bundledIcon(name: string): string | undefined {
  return inner.get(name);
}

/** The same for any Bootstrap icon; undefined when there is none of the name. */
export async function anyIcon(name: string): Promise<string | undefined> {
  const known = inner.get(name) ?? fetched.get(name);
  if (known !== undefined || !/^[a-z0-9-]+$/.test(name)) return known;
  const { default: sprite } = await import('bootstrap-icons/bootstrap-icons.svg?raw');
  const start = sprite.indexOf(`id="${name}"`);
  if (start < 0) return undefined;
  const from = sprite.indexOf('>', start) + 1;
  const found = sprite.slice(from, sprite.indexOf('</symbol>', from));
  fetched.set(name, found);
  return found;
}
