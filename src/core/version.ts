/** Version of this software, as package.json has it (a test compares): in evidence and API descriptions. */
export const VERSION = '0.1.0';
