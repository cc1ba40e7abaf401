import { judgesOwn } from './own-roles.ts';

judgesOwn('sp', 'private');
