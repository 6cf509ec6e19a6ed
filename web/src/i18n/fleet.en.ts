const texts = {
  title: 'Fleet',
};

export default texts;
