/** The version in package.json; vite puts it in when it builds. */
declare const __APP_VERSION__: string;
