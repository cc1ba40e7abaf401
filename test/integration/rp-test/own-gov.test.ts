import { judgesOwn } from './own-roles.ts';

judgesOwn('gov', 'government');
