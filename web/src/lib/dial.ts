/** The keys of a telephone, in their order. */
export const dial = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];
