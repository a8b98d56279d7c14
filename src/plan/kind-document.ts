import type { YamlDocument } from './yaml-documents.ts';

/** A document that says what it is. */
export interface KindDocument {
  readonly document: YamlDocument;
  readonly apiVersion: string;
  readonly kind: string;
}
