const texts = {
  search_hint: 'Type part of the designation; arrow keys choose',
  placeholder: '6205',
  no_match: 'No bearing of that name: give its geometry or its defect orders instead',
};

export default texts;
