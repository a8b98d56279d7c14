/** The version of package.json, put in by the bundler. */
declare const SEAWORTHY_VERSION: string;
