import { createTheme, type MantineColorsTuple, rem } from '@mantine/core';

const petrol: MantineColorsTuple = [
  '#e6f3f6',
  '#cfe5ea',
  '#9ecbd5',
  '#6ab0bf',
  '#3f98ab',
  '#1f8399',
  '#0b6b80',
  '#075264',
  '#063f4d',
  '#042d37',
];

// Mantine's own dark greys are warm; ours lean to the accent, as theme.css does.
const slate: MantineColorsTuple = [
  '#e4eaed',
  '#c3cdd2',
  '#a6b4bc',
  '#84939b',
  '#46525a',
  '#30383e',
  '#242a2f',
  '#1b2024',
  '#161b1e',
  '#13171a',
];

export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 6, dark: 4 },
  colors: { petrol, dark: slate },
  autoContrast: true,
  fontFamily: 'var(--font)',
  fontSizes: { xs: rem(12), sm: rem(13), md: rem(14), lg: rem(16), xl: rem(20) },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, fz: 12 } },
    Button: { defaultProps: { size: 'sm' } },
    Menu: { defaultProps: { shadow: 'md', withinPortal: true } },
    Popover: { defaultProps: { shadow: 'md', withinPortal: true } },
    Select: { defaultProps: { size: 'sm', comboboxProps: { shadow: 'md' } } },
    TextInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
  },
});
