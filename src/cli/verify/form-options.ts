/** Options with which a command names a receiver's form and the files beside the document. */
export const FORM_OPTIONS = {
  form: {
    type: 'string',
    value: 'NAME',
    means: "a receiver's form, instead of --profile (JITSUIN_FORMS_DIR names a folder of more forms)",
  },
  file: {
    type: 'string',
    value: 'NAME=PATH',
    multiple: true,
    means: 'with --form: a file beside FILE, under the name by which it is signed',
  },
  folder: {
    type: 'string',
    value: 'DIR',
    means: 'with --form: every file of DIR; no links, no folders in it',
  },
  zip: {
    type: 'string',
    value: 'ZIP',
    means:
      'with --form: FILE and the files beside it are in ZIP; FILE may be left out where the form names it',
  },
} as const;
