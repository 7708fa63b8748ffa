import { temporal } from '@temporalio/proto';
