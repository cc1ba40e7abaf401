import type { Habits } from './written-anew.ts';

/** One thing that a serializer does otherwise than canonicalization. */
export interface SerializerHabit {
  readonly cause: string;
  readonly explanation: string;
  readonly habits: Habits;
}

const CR_DECIMAL = { '\r': '&#13;' } as const;
const XSI = ['xmlns:xsi', 'http://www.w3.org/2001/XMLSchema-instance'] as const;
const XSD = ['xmlns:xsd', 'http://www.w3.org/2001/XMLSchema'] as const;
const DS = ['xmlns:ds', 'http://www.w3.org/2000/09/xmldsig#'] as const;

/** What programs do that write XML by a serializer of their own and hash that. */
export const SERIALIZER_HABITS: readonly SerializerHabit[] = [
  habit('empty-tags-kept', 'with its empty elements as <b/>', { emptyTags: 'short' }),
  habit('empty-tags-spaced', 'with its empty elements as <b />', { emptyTags: 'spaced' }),
  habit('empty-tags-as-written', 'with its empty-element tags as the document has them', {
    emptyTags: 'as-written',
  }),
  habit('attributes-unsorted', 'with its attributes in the order of the document', { order: 'document' }),
  habit('attributes-by-name', 'with attributes and namespace declarations sorted by their names together', {
    order: 'names',
  }),
  habit('declarations-last', 'with namespace declarations after the attributes', {
    order: 'declarations-last',
  }),
  habit('gt-not-escaped', 'with > of its text as it is, not as &gt;', { text: { '>': '>' } }),
  habit('gt-escaped-in-attributes', 'with > of attribute values as &gt;', { attribute: { '>': '&gt;' } }),
  habit('quotes-escaped', 'with " of its text as &quot;', { text: { '"': '&quot;' } }),
  habit('apostrophes-escaped', "with ' of its text as &apos;", { text: { "'": '&apos;' } }),
  habit('all-escaped', 'with " and \' as &quot; and &apos;, in text and attribute values', {
    text: { '"': '&quot;', "'": '&apos;' },
    attribute: { "'": '&apos;', '>': '&gt;' },
  }),
  habit('single-quotes', 'with attribute values in \' instead of "', {
    quote: "'",
    attribute: { '"': '"', "'": '&apos;' },
  }),
  habit('white-space-references-decimal', 'with &#13;, &#10; and &#9; instead of &#xD;, &#xA; and &#x9;', {
    text: CR_DECIMAL,
    attribute: { '\r': '&#13;', '\n': '&#10;', '\t': '&#9;' },
  }),
  habit('cr-not-escaped', 'with the CRs of its text as they are, not as &#xD;', { text: { '\r': '\r' } }),
  habit('references-decimal', 'with &#…; for every character outside of ASCII', { references: 'decimal' }),
  habit('references-hexadecimal', 'with &#x…; for every character outside of ASCII', {
    references: 'hexadecimal',
  }),
  habit('references-hexadecimal-lower', 'with &#x…; (lower case) for every character outside of ASCII', {
    references: 'hexadecimal-lower',
  }),
  habit('comments-kept', 'with its comments', { comments: 'kept' }),
  habit('cdata-kept', 'with its CDATA sections as they are written', { cdata: 'kept' }),
  habit('outside-dropped', 'without the instructions before and after the document element', {
    outside: 'dropped',
  }),
  habit('without-default-namespace', 'without the default namespace of its first element', {
    lost: (name, first) => first && name === 'xmlns',
  }),
  habit('without-any-default-namespace', 'without any declaration of a default namespace', {
    lost: (name) => name === 'xmlns',
  }),
  habit('without-first-namespaces', 'without the namespace declarations of its first element', {
    lost: (_name, first) => first,
  }),
  habit('without-namespaces', 'without any namespace declaration', { lost: () => true }),
  habit('without-inherited', 'cut out of its document, without the namespaces that it inherits', {
    inherited: 'none',
  }),
  habit('superfluous-declarations', 'with namespace declarations that repeat what holds already', {
    superfluous: 'kept',
  }),
  habit('xsi-xsd-declared', 'with the namespaces xsi and xsd declared on its first element', {
    added: [XSI, XSD],
  }),
  habit('xsd-xsi-declared', 'with the namespaces xsd and xsi declared on its first element, in this order', {
    order: 'document',
    added: [XSD, XSI],
  }),
  habit('ds-declared', 'with the namespace of XML Signature declared on its first element', { added: [DS] }),
];

/** Declarations that serializers put before the document element. */
export const XML_DECLARATIONS: readonly SerializerHabit[] = declarations();

function habit(cause: string, explanation: string, habits: Habits): SerializerHabit {
  return { cause, explanation, habits };
}

function declarations(): SerializerHabit[] {
  return ['"UTF-8"', '"utf-8"', "'UTF-8'", "'utf-8'"].flatMap((encoding) => {
    const mark = encoding[0];
    const written = `<?xml version=${mark}1.0${mark} encoding=${encoding}`;
    return [`${written}?>`, `${written} standalone="no"?>`, `${written} standalone="yes"?>`].flatMap((text) =>
      ['', '\n'].map((end) =>
        habit('xml-declaration', `with ${text} before it`, { declaration: text + end }),
      ),
    );
  });
}

/** Both at once; undefined where they are about the same thing. */
export function together(one: SerializerHabit, other: SerializerHabit): SerializerHabit | undefined {
  const text = bothCharacters(one.habits.text, other.habits.text);
  const attribute = bothCharacters(one.habits.attribute, other.habits.attribute);
  const keys = Object.keys(other.habits).filter((key) => key !== 'text' && key !== 'attribute');
  if (text === 'clash' || attribute === 'clash' || keys.some((key) => key in one.habits)) return undefined;
  const habits = { ...one.habits, ...other.habits, text, attribute } as Habits;
  return {
    cause: `${one.cause}, ${other.cause}`,
    explanation: `${one.explanation}; and ${other.explanation}`,
    habits,
  };
}

type Characters = Readonly<Record<string, string>> | undefined;

function bothCharacters(one: Characters, other: Characters): Characters | 'clash' {
  if (one === undefined || other === undefined) return one ?? other;
  return Object.keys(one).some((key) => key in other) ? 'clash' : { ...one, ...other };
}
