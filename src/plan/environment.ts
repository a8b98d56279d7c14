import { atCommas, layerOf, type Layer } from './layers.ts';
import { OPTIONS } from './options/options.ts';
import { variableName } from './options/option.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The SEAWORTHY_* variables; an empty one says nothing. Others of that beginning are not ours: Kubernetes itself makes some in pods. */
export function environmentLayers(environment: Environment): Layer[] {
  return OPTIONS.flatMap((option) => {
    const name = variableName(option);
    const text = environment[name];
    if (!option.sources.includes('environment') || text === undefined || text === '') return [];
    return layerOf(option, option.repeatable === false ? [text] : atCommas(text), 'environment', name);
  });
}
